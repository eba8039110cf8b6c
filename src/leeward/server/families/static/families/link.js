// The code behind # never reaches the server; it only fills the field.
const field = document.querySelector("#code");
if (field && /^#[A-Z0-9]{8}$/.test(location.hash)) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}

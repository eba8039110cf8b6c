// Shows that there is news, and nothing of what it is about.
self.addEventListener("push", (event) => {
  const news = event.data ? event.data.json() : { title: "Leeward", url: "/answer/" };
  event.waitUntil(self.registration.showNotification(news.title, { tag: "news", data: { url: news.url } }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data.url));
});

"""Every write of the register, by what it is about. Each checks, writes, audits and tells in one transaction."""

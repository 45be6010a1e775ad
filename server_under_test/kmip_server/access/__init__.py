"""Who a request comes from and what it may do: credentials in headers, tickets of logins, and the rights that tickets carry."""

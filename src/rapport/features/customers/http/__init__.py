"""First-party routes of customers: staff and admin lists, the consumer's landing and accepting, QR codes."""

from rapport.features.customers.http import codes, contact_ways, customers, meeting, welcomes

routes = [*contact_ways.routes, *customers.routes, *welcomes.routes, *meeting.routes, *codes.routes]

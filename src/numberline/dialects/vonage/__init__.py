"""The Vonage (Nexmo) Numbers API."""

"""The form as data: its model, its TOML, and where each field lives on the page."""

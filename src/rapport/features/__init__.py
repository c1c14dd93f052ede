"""The product, one folder per noun; tiers and how they meet are in ARCHITECTURE.md."""

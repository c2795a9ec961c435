"""Full-text search: a small contract, Whoosh behind it, and hits as a person reads them."""

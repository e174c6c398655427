"""The text-motion retrieval model (TMR): E_t and E_m of Eq. 1, its losses, its data, its use."""

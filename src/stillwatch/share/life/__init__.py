"""What happens to an object after it was sent: seen again, disputed, retracted, corrected, acted on, expired."""

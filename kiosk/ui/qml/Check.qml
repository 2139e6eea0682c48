// What a machine read in print, to be confirmed by whoever holds the card.
Consent {
    reassures: false
}

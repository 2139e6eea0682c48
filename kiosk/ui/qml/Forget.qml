// What forgetting means, and the question whether to.
Consent {}

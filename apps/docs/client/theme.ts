import { applyTheme, chosenTheme } from "./color-scheme.ts";

// Applies the colour scheme before the page is drawn, because a dark page would otherwise be light for a moment.
applyTheme(chosenTheme());

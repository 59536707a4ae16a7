import { applyTheme, chosenTheme } from "./color-scheme.ts";

// Before the page is drawn: it would be light for a moment.
applyTheme(chosenTheme());

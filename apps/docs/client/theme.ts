import { applyTheme, chosenTheme } from "./color-scheme.ts";

// Runs before the page is drawn, which would otherwise be light for a moment.
applyTheme(chosenTheme());

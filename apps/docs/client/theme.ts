import { applyTheme, chosenTheme } from "./color-scheme.ts";

// This script runs before the page is drawn. Otherwise a dark page would be light for a moment.
applyTheme(chosenTheme());

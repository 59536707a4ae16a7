/** The user's choice of the colour scheme; `auto` is the system's setting. */
export type ColorScheme = "light" | "dark" | "auto";

/** Local storage key of the chosen colour scheme. The Narthex UI uses the same key, so one choice applies to both. */
const KEY = "mantine-color-scheme-value";

export function chosenTheme(): ColorScheme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "auto";
  } catch {
    return "auto";
  }
}

/** Applies a choice of the user, and stores it if the browser allows this. */
export function chooseTheme(scheme: ColorScheme): void {
  try {
    localStorage.setItem(KEY, scheme);
  } catch {
    // Ignores the error: without storage, the choice applies only to this page.
  }
  applyTheme(scheme);
}

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

export function applyTheme(scheme: ColorScheme): void {
  const isDark = scheme === "dark" || (scheme === "auto" && systemIsDark.matches);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
}

/** If the user's choice is "auto", follows changes of the system's setting. */
export function followSystem(): void {
  systemIsDark.addEventListener("change", () => applyTheme(chosenTheme()));
}

/** Light, dark, or the system's setting. */
export type ColorScheme = "light" | "dark" | "auto";

/** Storage key of the user interface for the user's choice, which also applies here. */
const KEY = "mantine-color-scheme-value";

export function chosenTheme(): ColorScheme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "auto";
  } catch {
    return "auto";
  }
}

/** Applies the choice, and stores it if the browser allows it. */
export function chooseTheme(scheme: ColorScheme): void {
  try {
    localStorage.setItem(KEY, scheme);
  } catch {
    // Without storage the choice applies to this page only.
  }
  applyTheme(scheme);
}

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

export function applyTheme(scheme: ColorScheme): void {
  const isDark = scheme === "dark" || (scheme === "auto" && systemIsDark.matches);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
}

/** Follows the system's setting while the user's choice is "auto". */
export function followSystem(): void {
  systemIsDark.addEventListener("change", () => applyTheme(chosenTheme()));
}

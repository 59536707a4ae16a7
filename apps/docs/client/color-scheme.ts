/** Light, dark, or what the system has. */
export type ColorScheme = "light" | "dark" | "auto";

/** Where the user interface keeps the reader's choice, which holds here too. */
const KEY = "mantine-color-scheme-value";

export function chosenTheme(): ColorScheme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "auto";
  } catch {
    return "auto";
  }
}

/** Keeps the choice where the browser lets it. */
export function chooseTheme(scheme: ColorScheme): void {
  try {
    localStorage.setItem(KEY, scheme);
  } catch {
    // It holds for this page.
  }
  applyTheme(scheme);
}

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

export function applyTheme(scheme: ColorScheme): void {
  const isDark = scheme === "dark" || (scheme === "auto" && systemIsDark.matches);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
}

/** Follows the system while that is what the reader has chosen. */
export function followSystem(): void {
  systemIsDark.addEventListener("change", () => applyTheme(chosenTheme()));
}

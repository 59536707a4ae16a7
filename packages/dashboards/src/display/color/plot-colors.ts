/**
 * Colours of lines. People with a red-green colour weakness can distinguish them, because successive colours differ in
 * lightness and in hue. The contrast to the background is at least 3:1.
 */
const light = [
  "#2a7a33",
  "#d9480f",
  "#1864ab",
  "#9c36b5",
  "#8a6d00",
  "#0b7285",
  "#c2255c",
  "#5f3dc4",
  "#495057",
  "#5c940d",
  "#a61e4d",
  "#0ca678",
  "#e8590c",
  "#364fc7",
  "#7a4b1f",
  "#087f5b",
];
const dark = [
  "#6fcf78",
  "#ff8a4c",
  "#5cb3ff",
  "#d98cf0",
  "#e6c84a",
  "#3bc9db",
  "#ff8fb4",
  "#a792ff",
  "#c3cad1",
  "#b2e062",
  "#f06595",
  "#38d9a9",
  "#ffb07a",
  "#8ea6ff",
  "#cfa27a",
  "#7ee0c0",
];

/** Returns the colour of the line at an index; colours repeat after sixteen. */
export function lineColor(index: number, scheme: "light" | "dark"): string {
  const colors = scheme === "light" ? light : dark;
  return colors[index % colors.length] ?? "#888888";
}

/** Colours of plots, which are drawn where CSS does not apply. */
export interface PlotTheme {
  readonly scheme: "light" | "dark";
  readonly text: string;
  /** Colour of titles and large values. */
  readonly strong: string;
  readonly grid: string;
  readonly surface: string;
}

const themes: Readonly<Record<"light" | "dark", PlotTheme>> = {
  light: { scheme: "light", text: "#57605a", strong: "#1b211d", grid: "#e3e8e3", surface: "#ffffff" },
  dark: { scheme: "dark", text: "#a3ada6", strong: "#e6ebe7", grid: "#2b332e", surface: "#1b211d" },
};

export const plotTheme = (scheme: "light" | "dark"): PlotTheme => themes[scheme];

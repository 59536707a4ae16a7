import { createTheme } from "@mantine/core";
import { themeColors } from "../styles/theme-colors.ts";
import type { CSSVariablesResolver, MantineColorsTuple } from "@mantine/core";

const fennel: MantineColorsTuple = [
  "#eef7ee",
  "#dcebdc",
  "#b5d6b7",
  "#8bc08f",
  "#67ae6c",
  "#50a257",
  "#429a4a",
  "#33803b",
  "#2a6f32",
  "#1b5725",
];

const ember: MantineColorsTuple = [
  "#fff0e8",
  "#ffdfd1",
  "#fbbea4",
  "#f79b74",
  "#f37d4b",
  "#f16a31",
  "#e85a20",
  "#c9480f",
  "#ad3e0c",
  "#8f3006",
];

/** Greys with a slight green tint, which matches the accent colour. */
const dark: MantineColorsTuple = [
  "#d3d9d4",
  "#b4bcb6",
  "#8b958d",
  "#68736b",
  "#465049",
  "#333c36",
  "#262d29",
  "#1b211d",
  "#141916",
  "#0e120f",
];

const sans = '"Inter", "Segoe UI", system-ui, -apple-system, "Helvetica Neue", "Noto Sans", Arial, sans-serif';
const mono = '"JetBrains Mono", "DejaVu Sans Mono", ui-monospace, "SF Mono", Menlo, Consolas, monospace';

/** Smallest width and height of a target for a finger, CSS pixels. */
const LEAST_TARGET_PX = 24;

/** Returns the CSS variable of a button's size if the size is one of the small names, or a smaller number of pixels. */
const smallTarget = (name: string, size: unknown): Record<string, string> =>
  size === "xs" || size === "sm" || (typeof size === "number" && size < LEAST_TARGET_PX)
    ? { [name]: `${LEAST_TARGET_PX}px` }
    : {};

/** Colours, type and spacing of all apps. */
export const theme = createTheme({
  primaryColor: "fennel",
  primaryShade: 7,
  colors: { fennel, ember, dark },
  autoContrast: true,
  luminanceThreshold: 0.35,
  fontFamily: sans,
  fontFamilyMonospace: mono,
  headings: { fontFamily: sans, fontWeight: "620" },
  defaultRadius: "md",
  fontSizes: { xs: "0.75rem", sm: "0.85rem", md: "0.95rem", lg: "1.075rem", xl: "1.2rem" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, multiline: true, maw: 420 } },
    Badge: { defaultProps: { radius: "sm", tt: "none", fw: 550 } },
    // Names the close button, because screen readers need names for icon buttons.
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Drawer: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    // The header of a dialog is no second header of the page.
    ModalHeader: { defaultProps: { role: "presentation" } },
    DrawerHeader: { defaultProps: { role: "presentation" } },
    // The smallest targets are 24 px, so that a finger finds them.
    ActionIcon: { vars: (_: unknown, { size }: { size?: unknown }) => ({ root: smallTarget("--ai-size", size) }) },
    CloseButton: { vars: (_: unknown, { size }: { size?: unknown }) => ({ root: smallTarget("--cb-size", size) }) },
    // Focuses the first item of a menu. Mantine's focus placeholder is off, because a menu may contain only items.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Select: { defaultProps: { clearButtonProps: { "aria-label": "Clear" } } },
    TagsInput: { defaultProps: { clearButtonProps: { "aria-label": "Clear" } } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: "sm" } },
  },
});

/**
 * Returns CSS variables for a colour's light variant in the dark scheme: background and text. The background is
 * transparent, so that it fits any surface.
 */
function darkTint(name: string, rgb: string, text: string): Record<string, string> {
  return {
    [`--mantine-color-${name}-light`]: `rgb(${rgb} / 0.15)`,
    [`--mantine-color-${name}-light-hover`]: `rgb(${rgb} / 0.22)`,
    [`--mantine-color-${name}-light-color`]: text,
  };
}

const librarySurfaces = {
  "--mantine-color-body": "var(--surface)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-border": "var(--editor-edge)",
  "--mantine-color-anchor": "var(--link)",
  "--mantine-color-dimmed": "var(--quiet)",
  "--mantine-color-placeholder": "var(--quiet)",
  "--mantine-color-error": "var(--promql-invalid)",
};

/** Sets Mantine's colour variables to the colours of this theme. */
export const themeVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { ...themeColors.light, ...librarySurfaces, "--mantine-color-yellow-light-color": "#7a5200" },
  dark: {
    ...themeColors.dark,
    ...librarySurfaces,
    ...darkTint("fennel", "103 174 108", "#a5dba9"),
    ...darkTint("red", "250 82 82", "#ffa8a8"),
    ...darkTint("ember", "241 106 49", "#fbbea4"),
    ...darkTint("yellow", "252 196 25", "#ffe066"),
    ...darkTint("gray", "173 181 189", "#ced4da"),
  },
});

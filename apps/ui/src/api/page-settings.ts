/** The programs that this UI can show. */
export type RoleName = "server" | "alertmanager" | "pushgateway" | "dashboards";

const roleNames: readonly string[] = ["server", "alertmanager", "pushgateway", "dashboards"] satisfies RoleName[];

/** Settings that the server writes into `index.html` when it serves the page. */
export interface PageSettings {
  /** The program whose pages are shown. */
  readonly role: RoleName;
  /** Relative path from the page to the root of the program's pages: `./`, `../` and so on. */
  readonly root: string;
  /** Relative path from `root` to the root of the server's API; empty if both are the same. */
  readonly api: string;
  /**
   * Relative path from `root` to the root of the dashboards' pages. Empty if these pages are not shown within the
   * dashboards.
   */
  readonly home: string;
  /** Other programs whose pages are shown within the dashboards, with their folders below the dashboards' root. */
  readonly stack: ReadonlyMap<RoleName, string>;
  /** Colour scheme of users who have not selected one. */
  readonly theme: "auto" | "light" | "dark";
  /** Minimum refresh interval of dashboards, ms. */
  readonly minRefreshMs: number;
  /** Path of console templates or user assets; empty if the server has neither. */
  readonly consolesLink: string;
  /** Whether the server runs in agent mode, without queries, rules and local storage. */
  readonly agentMode: boolean;
  /** False while the server is starting. */
  readonly ready: boolean;
  /** Lookback of PromQL as a Prometheus duration. */
  readonly lookbackDelta: string;
}

/** Reads the settings. A value that the server did not replace (`…_PLACEHOLDER`) becomes its default. */
export function readPageSettings(text: string | null | undefined): PageSettings {
  let raw: Record<string, unknown> = {};
  try {
    raw = JSON.parse(text ?? "{}") as Record<string, unknown>;
  } catch {
    raw = {};
  }
  const filled = (name: string, fallback: string): string => {
    const value = raw[name];
    return typeof value === "string" && !value.endsWith("_PLACEHOLDER") ? value : fallback;
  };
  const theme = filled("theme", "");
  const role = filled("role", "server");
  return {
    role: isRole(role) ? role : "server",
    root: filled("root", "./"),
    api: filled("api", ""),
    home: filled("home", ""),
    stack: readStack(filled("stack", "")),
    theme: theme === "light" || theme === "dark" ? theme : "auto",
    minRefreshMs: Number(filled("minRefreshMs", "5000")),
    consolesLink: filled("consolesLink", ""),
    agentMode: filled("agentMode", "false") === "true",
    ready: filled("ready", "true") === "true",
    lookbackDelta: filled("lookbackDelta", "") || "5m",
  };
}

/** Parses the paths of the pages of the stack's programs: `server=sources/main alertmanager=sources/am`. */
function readStack(text: string): ReadonlyMap<RoleName, string> {
  const entries = text.split(" ").map((entry) => entry.split("=", 2) as [string, string | undefined]);
  return new Map(
    entries.flatMap(([role, path]) => (isRole(role) && path !== undefined ? [[role, path] as const] : [])),
  );
}

const isRole = (text: string): text is RoleName => roleNames.includes(text);

export const pageSettings = readPageSettings(document.getElementById("page-settings")?.textContent);

/**
 * Makes the address of the page's icon absolute. A browser resolves a relative address again when the path of the page
 * changes, and would then request a file that does not exist.
 */
export function keepIcon(): void {
  for (const icon of document.querySelectorAll<HTMLLinkElement>("link[rel=icon]")) icon.href = new URL(icon.href).href;
}

/** Sets the page's title if the server did not. */
export function nameUntitledPage(): void {
  if (document.title.endsWith("_PLACEHOLDER") || document.title === "") document.title = "Narthex";
}

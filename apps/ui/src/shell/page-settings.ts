/** The programs that have a UI. */
export type RoleName = "server" | "alertmanager" | "pushgateway" | "dashboards";

const roleNames: readonly string[] = ["server", "alertmanager", "pushgateway", "dashboards"] satisfies RoleName[];

/** What the server wrote into `index.html` while serving it. */
export interface PageSettings {
  /** Whose pages they are. */
  readonly role: RoleName;
  /** From the page to the folder that the role's paths are in: `./`, `../` … */
  readonly root: string;
  /** From that folder to where the role's API begins; empty: there. */
  readonly api: string;
  /** From that folder to the one that the paths of dashboards are in, where the role is shown among them; else empty. */
  readonly home: string;
  /** Roles that are shown beside the dashboards, with their folders below that of the dashboards. */
  readonly stack: ReadonlyMap<RoleName, string>;
  /** Colours of readers who have chosen none. */
  readonly theme: "auto" | "light" | "dark";
  /** No dashboard is refreshed more often, ms. */
  readonly leastRefreshMs: number;
  /** Where console templates or user assets are; empty when there are none. */
  readonly consolesLink: string;
  /** No queries, rules or local storage: the server only forwards. */
  readonly agentMode: boolean;
  /** False while the server still starts. */
  readonly ready: boolean;
  /** Prometheus duration. */
  readonly lookbackDelta: string;
}

/** Reads the settings; a value that no server filled in (still `…_PLACEHOLDER`) takes its default. */
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
    leastRefreshMs: Number(filled("leastRefreshMs", "5000")),
    consolesLink: filled("consolesLink", ""),
    agentMode: filled("agentMode", "false") === "true",
    ready: filled("ready", "true") === "true",
    lookbackDelta: filled("lookbackDelta", "") || "5m",
  };
}

/** Reads `server=sources/main alertmanager=sources/am`. */
function readStack(text: string): ReadonlyMap<RoleName, string> {
  const places = text.split(" ").map((place) => place.split("=", 2) as [string, string | undefined]);
  return new Map(places.flatMap(([role, path]) => (isRole(role) && path !== undefined ? [[role, path] as const] : [])));
}

const isRole = (text: string): text is RoleName => roleNames.includes(text);

/** Settings of this page. */
export const pageSettings = readPageSettings(document.getElementById("page-settings")?.textContent);

/** Gives the page its name where no server did. */
export function nameUntitledPage(): void {
  if (document.title.endsWith("_PLACEHOLDER") || document.title === "") document.title = "Narthex";
}

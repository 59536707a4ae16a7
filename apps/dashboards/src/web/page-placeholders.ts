import type { Settings } from "../settings/setting-table.ts";

export const pagePlaceholders = (settings: Settings): Readonly<Record<string, string>> => ({
  THEME_PLACEHOLDER: settings["users.default_theme"],
  MIN_REFRESH_PLACEHOLDER: String(settings["dashboards.min_refresh_interval"]),
});

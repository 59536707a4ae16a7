import { type Level, LEVEL_OF } from "../auth/levels.ts";

/** Returns the actions that a level allows, as Grafana's API names them. */
export type ActionsOf = (level: Level) => readonly string[];

const actionsOf =
  (view: readonly string[], edit: readonly string[], admin: readonly string[]): ActionsOf =>
  (level) => [
    ...(level >= LEVEL_OF.view ? view : []),
    ...(level >= LEVEL_OF.edit ? edit : []),
    ...(level >= LEVEL_OF.admin ? admin : []),
  ];

/** Returns the actions that a level allows in a folder or on a dashboard. */
export const actionsOfPlace = actionsOf(
  ["annotations:read", "dashboards:read", "folders:read", "library.panels:read"],
  [
    "annotations:create",
    "annotations:delete",
    "annotations:write",
    "dashboards:create",
    "dashboards:delete",
    "dashboards:write",
    "folders:create",
    "folders:delete",
    "folders:write",
    "library.panels:create",
    "library.panels:delete",
    "library.panels:write",
  ],
  [
    "dashboards.permissions:read",
    "dashboards.permissions:write",
    "folders.permissions:read",
    "folders.permissions:write",
  ],
);

/** Returns the actions that a level allows on a data source. */
export const actionsOfSource = actionsOf(
  ["datasources:query", "datasources:read"],
  ["datasources:write"],
  ["datasources:delete", "datasources.permissions:read", "datasources.permissions:write"],
);

/** Returns the actions that a level allows on a service account. */
export const actionsOfAccount = actionsOf(
  [],
  ["serviceaccounts:read", "serviceaccounts:write"],
  ["serviceaccounts:delete", "serviceaccounts.permissions:read", "serviceaccounts.permissions:write"],
);

import { IconBellRinging, IconLayoutDashboard } from "@tabler/icons-react";
import { homePath } from "../api/root-path.ts";
import { useIsEditor } from "../shell/viewer.ts";
import type { QueryAction } from "../query/query-action.ts";
import { whenLoaded } from "../shell/when-loaded.tsx";

const makeAlert: QueryAction = {
  name: "Make an alert",
  icon: IconBellRinging,
  pathOf: (expr) => `/edit-rules?${new URLSearchParams({ expr })}`,
};

const addToDashboard: QueryAction = {
  name: "Add to dashboard",
  icon: IconLayoutDashboard,
  Dialog: whenLoaded(() => import("../dashboards/explore/AddToDashboard.tsx"), null),
  Offered: ({ children }) => (useIsEditor() === true ? children : null),
};

/** Actions of a user on a query. Within the dashboards, queries can become panels. */
export const queryActions: readonly QueryAction[] = homePath === undefined ? [makeAlert] : [addToDashboard, makeAlert];

import "./styles/mantine.css";
import "./styles/base.css";
import { lazy } from "react";
import { alertmanagerRole } from "./roles/alertmanager.tsx";
import { dashboardsRole } from "./roles/dashboards.tsx";
import { pushgatewayRole } from "./roles/pushgateway.tsx";
import { serverRole } from "./roles/server.tsx";
import { App } from "./shell/App.tsx";
import { mount } from "./shell/Root.tsx";
import { neighboursOf } from "./shell/neighbours.ts";
import { watchFiles } from "./shell/missing-files.ts";
import { fetchLaterFiles } from "./shell/later-files.ts";
import { keepIcon, nameUntitledPage, pageSettings } from "./api/page-settings.ts";

const roles = {
  server: serverRole,
  alertmanager: alertmanagerRole,
  pushgateway: pushgatewayRole,
  dashboards: dashboardsRole,
};

const Palette = lazy(() => import("./roles/palette/RolePalette.tsx"));

watchFiles();
fetchLaterFiles();
nameUntitledPage();
keepIcon();
mount(<App role={roles[pageSettings.role]} neighbours={neighboursOf(roles)} Palette={Palette} />);

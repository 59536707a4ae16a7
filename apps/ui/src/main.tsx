import "./styles/mantine.css";
import "./styles/base.css";
import { alertmanagerRole } from "./roles/alertmanager.tsx";
import { dashboardsRole } from "./roles/dashboards.tsx";
import { pushgatewayRole } from "./roles/pushgateway.tsx";
import { serverRole } from "./roles/server.tsx";
import { App } from "./shell/App.tsx";
import { mount } from "./shell/Root.tsx";
import { neighboursOf } from "./shell/neighbours.ts";
import { watchFiles } from "./shell/missing-files.ts";
import { fetchLaterFiles } from "./shell/later-files.ts";
import { loadOpenedPage } from "./shell/opened-page.ts";
import { rootPath } from "./api/root-path.ts";
import { keepIcon, nameUntitledPage, pageSettings } from "./api/page-settings.ts";
import { whenLoaded } from "./shell/when-loaded.tsx";

const roles = {
  server: serverRole,
  alertmanager: alertmanagerRole,
  pushgateway: pushgatewayRole,
  dashboards: dashboardsRole,
};

const Palette = whenLoaded(() => import("./roles/palette/RolePalette.tsx"), null);

watchFiles();
fetchLaterFiles();
nameUntitledPage();
keepIcon();
loadOpenedPage(roles[pageSettings.role], location.pathname, rootPath);
mount(<App role={roles[pageSettings.role]} neighbours={neighboursOf(roles)} Palette={Palette} />);

import { homePath } from "../../api/root-path.ts";
import type { Neighbour } from "../../shell/neighbours.ts";
import type { PaletteProvider } from "../../shell/palette/palette-provider.ts";
import type { Role } from "../../shell/role.ts";
import { dashboardProvider } from "./dashboards.ts";
import { docsProvider, runbookProvider } from "./docs.ts";
import { metricProvider } from "./metrics.ts";
import { pageProvider, pagesOf } from "./pages.ts";

/** The kinds of places in the palette, in the order of its groups. For another kind of place, add a file and a line. */
export const paletteProviders = (role: Role, neighbours: readonly Neighbour[]): readonly PaletteProvider[] =>
  [
    pageProvider(pagesOf(role, neighbours)),
    homePath === undefined ? undefined : dashboardProvider,
    metricProvider(),
    runbookProvider,
    docsProvider,
  ].filter((provider) => provider !== undefined);

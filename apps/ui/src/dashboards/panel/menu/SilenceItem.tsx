import { Menu } from "@mantine/core";
import type { BoundVariable, Panel } from "@narthex/dashboards";
import { IconBellOff } from "@tabler/icons-react";
import { useSyncExternalStore } from "react";
import { useLocation } from "react-router";
import { panelSilence } from "../../data/alerts/panel-silence.ts";
import { SeriesLabels } from "../../data/alerts/plot-alerts.ts";
import { silenceFormAddress } from "../../data/alerts/silence-form-address.ts";
import { managerOf, serversOf } from "../../data/alerts/panel-servers.ts";
import { annotationsOn } from "../../contracts/dashboard-annotation.ts";
import { addressOf } from "../../../shell/link-anchor.ts";
import { useDashboardContext } from "../../data/dashboard-context.ts";

interface SilenceItemProps {
  readonly panelKey: string;
  readonly panel: Panel;
  readonly scoped: ReadonlyMap<string, BoundVariable>;
}

/** Opens an Alertmanager's form for a silence of the panel's alerts. The item is hidden if no Alertmanager is known. */
export function SilenceItem({ panelKey, panel, scoped }: SilenceItemProps) {
  const { feeds, sources, annotations, lookupFor } = useDashboardContext();
  const { pathname, search } = useLocation();
  const feed = feeds.of(panelKey);
  const { frames } = useSyncExternalStore(feed.watch, feed.data);
  const lookup = lookupFor(scoped);
  const [server] = serversOf([panel], sources, lookup);
  const manager = managerOf(server, sources);
  if (server === undefined || manager === undefined) return null;
  const alerts = annotationsOn(annotations, { panel, lookup, frames }).flatMap(({ alert }) => alert ?? []);
  const matchers = panelSilence(alerts, new SeriesLabels(frames).common());
  const href = silenceFormAddress(manager.uid, matchers, `${pathname}${search}`);
  return (
    <Menu.Item
      component="a"
      {...addressOf({ href, targetBlank: false })}
      leftSection={<IconBellOff size={15} aria-hidden />}
    >
      Silence…
    </Menu.Item>
  );
}

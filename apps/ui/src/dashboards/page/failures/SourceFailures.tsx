import { IconAlertTriangle } from "@tabler/icons-react";
import { useSyncExternalStore } from "react";
import { formatClock } from "../../../format/instant.ts";
import { classesOf } from "../../../shell/style-sheet.ts";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { failingName } from "../../data/panel/source-outcomes.ts";
import { whenLoaded } from "../../../shell/when-loaded.tsx";
import styles from "../DashboardFindings.module.css";

const css = classesOf(styles);

// A failed import shows no address. The server of the page may be the one that fails.
const SourceAddress = whenLoaded(() => import("./SourceAddress.tsx").catch(() => ({ default: () => <></> })), null);

/** Names each data source that fails, since when, and why, so that the source's panels need not repeat the error. */
export function SourceFailures() {
  const { feeds, sources, zone, now } = useDashboardContext();
  const failures = useSyncExternalStore(feeds.watch, feeds.failures);
  if (failures.length === 0) return null;
  return (
    <div className={css("findings")} role="status" aria-label="Data sources that fail">
      {failures.map(({ uid, error, since }) => (
        <p key={uid} className={css("line")} data-failing-source={uid}>
          <IconAlertTriangle size={15} aria-hidden />
          <span className="wrap-anywhere">
            <strong>{failingName(uid, sources)}</strong> has failed since {formatClock(since, now, zone)}: {error}
            {uid !== "" && <SourceAddress uid={uid} />}
          </span>
        </p>
      ))}
    </div>
  );
}

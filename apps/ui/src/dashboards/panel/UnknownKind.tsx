import type { Panel } from "@narthex/dashboards";
import { useEffect } from "react";
import { loadPluginKinds } from "../panels/plugins/load-plugin-kinds.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import { chooseStandIn, isLibraryReference, type StandInKind } from "./stand-in.ts";
import styles from "./UnknownKind.module.css";

const css = classesOf(styles);

const names: readonly (readonly [kind: StandInKind, name: string])[] = [
  ["table", "table"],
  ["timeseries", "series"],
];

/** Message in place of a panel whose type is not supported. Buttons select another type for showing the data. */
export function UnknownKind({ panel }: { panel: Panel }) {
  useEffect(() => void loadPluginKinds(), []);
  if (isLibraryReference(panel)) {
    return (
      <div className={css("message")}>
        <p>
          The library panel “{panel.libraryPanel?.name || panel.libraryPanel?.uid}” is not part of this dashboard.
          Import the dashboard with its library panels to see it.
        </p>
      </div>
    );
  }
  return (
    <div className={css("message")}>
      <p>Panels of the kind “{panel.type}” cannot be shown here. The panel stays in the dashboard unchanged.</p>
      {panel.targets.length > 0 && (
        <p className={css("choices")}>
          {names.map(([kind, name]) => (
            <button key={kind} type="button" className={css("choice")} onClick={() => chooseStandIn(panel, kind)}>
              Show as {name}
            </button>
          ))}
        </p>
      )}
    </div>
  );
}

/** Bar above a panel that is shown as another type, with buttons to select the type. */
export function StandInBar({ panel, drawn }: { panel: Panel; drawn: Panel }) {
  return (
    <div className={css("bar")} role="group" aria-label="Shown as">
      <span className={css("own")} title={panel.type}>
        “{panel.type}” as
      </span>
      {names.map(([kind, name]) => (
        <button
          key={kind}
          type="button"
          className={css("choice")}
          aria-pressed={drawn.type === kind}
          onClick={() => chooseStandIn(panel, kind)}
        >
          {name}
        </button>
      ))}
      <button type="button" className={css("choice")} onClick={() => chooseStandIn(panel, undefined)}>
        Hide
      </button>
    </div>
  );
}

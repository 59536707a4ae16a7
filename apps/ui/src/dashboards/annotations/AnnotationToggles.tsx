import { Switch, Tooltip } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { classesOf } from "../../shell/style-sheet.ts";
import type { DashboardAnnotations } from "./use-annotations.ts";
import styles from "./AnnotationToggles.module.css";

const css = classesOf(styles);

/** A switch for the marks of each annotation query that its dashboard does not hide. */
export function AnnotationToggles({ annotations: { states, toggle } }: { annotations: DashboardAnnotations }) {
  if (states.every(({ query }) => query.hide)) return null;
  return (
    <div className={css("toggles")} role="group" aria-label="Annotations">
      {states.map(({ query, isShown, isLoading, error }, at) =>
        query.hide ? null : (
          <div key={`${at} ${query.name}`} className={css("toggle")} data-failed={error !== undefined || undefined}>
            <Switch size="xs" label={query.name} checked={isShown} onChange={() => toggle(at)} />
            {isShown && isLoading && (
              <span className={css("loading")} role="status" aria-label={`Loading ${query.name}`} />
            )}
            {isShown && error !== undefined && (
              <Tooltip label={error} events={{ hover: true, focus: true, touch: true }}>
                <button type="button" className={css("failed")} aria-label={`${query.name} failed: ${error}`}>
                  <IconAlertTriangle size={14} aria-hidden />
                </button>
              </Tooltip>
            )}
          </div>
        ),
      )}
    </div>
  );
}

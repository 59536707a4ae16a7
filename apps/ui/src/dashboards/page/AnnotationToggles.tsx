import { Switch, Tooltip } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { classesOf } from "../../shell/style-sheet.ts";
import type { MarkSwitch } from "../data/annotations/use-annotations.ts";
import styles from "./AnnotationToggles.module.css";

const css = classesOf(styles);

/**
 * Switches that show and hide the marks on time axes: one for each annotation query, one for alerts, one for silences.
 * Switches that the dashboard hides are left out.
 */
export function AnnotationToggles({ switches }: { switches: readonly MarkSwitch[] }) {
  return (
    <div className={css("toggles")} role="group" aria-label="Annotations">
      {switches.map(({ name, about, isShown, isHidden, isLoading, error, notice, toggle }, at) =>
        isHidden === true ? null : (
          <div key={`${at} ${name}`} className={css("toggle")} data-failed={error !== undefined || undefined}>
            <Tooltip
              label={about}
              disabled={about === undefined}
              multiline
              maw={320}
              events={{ hover: true, focus: true, touch: true }}
            >
              <div>
                <Switch size="xs" label={name} checked={isShown} onChange={toggle} />
              </div>
            </Tooltip>
            {isShown && isLoading && <span className={css("loading")} role="status" aria-label={`Loading ${name}`} />}
            {isShown && error !== undefined && (
              <Tooltip label={error} events={{ hover: true, focus: true, touch: true }}>
                <button type="button" className={css("failed")} aria-label={`${name} failed: ${error}`}>
                  <IconAlertTriangle size={14} aria-hidden />
                </button>
              </Tooltip>
            )}
            {isShown && error === undefined && notice !== undefined && (
              <Tooltip label={notice} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
                <button type="button" className={css("cut")} aria-label={`${name}: ${notice}`}>
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

import { Button, CloseButton } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReadDashboard } from "@narthex/dashboards";
import { useId, useState } from "react";
import { readStored, writeStored } from "../../shell/preferences.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./DashboardFindings.module.css";

const css = classesOf(styles);

/** Migrations and problems that were found when a dashboard's JSON was read. */
export type Findings = Pick<ReadDashboard, "changes" | "problems">;

const KEY = "dashboards.readFindings";
/** Maximum number of dismissed messages that this browser remembers. The oldest are forgotten. */
const MAX_KEPT = 200;

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/**
 * A warning that parts of a dashboard could not be read. A click shows all problems, and the migrations from older
 * schemas.
 */
export function DashboardFindings({ uid, version, findings }: { uid: string; version: number; findings: Findings }) {
  const { changes, problems } = findings;
  const id = useId();
  const read = `${uid} ${version} ${problems.length} ${changes.length}`;
  const [isRead, setRead] = useState(() => readStored<readonly string[]>(KEY, []).includes(read));
  const [isOpen, setOpen] = useState(false);
  // Shows no warning if the dashboard has no problems, or if the user has dismissed the warning.
  if (isRead || problems.length === 0) return null;
  const dismiss = (): void => {
    const others = readStored<readonly string[]>(KEY, []).filter((one) => one !== read);
    writeStored(KEY, [read, ...others].slice(0, MAX_KEPT));
    setRead(true);
  };
  return (
    <div className={css("findings")} role="status" aria-label="How this dashboard was read">
      <p className={css("line")}>
        <IconAlertTriangle size={15} aria-hidden />
        <span>{summary(findings)}</span>
        <Button
          variant="subtle"
          size="compact-xs"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          Details
        </Button>
        <CloseButton size="xs" aria-label="Dismiss" onClick={dismiss} />
      </p>
      <div hidden={!isOpen} id={id}>
        <ul className={css("list")}>
          {problems.map(({ path, message }, at) => (
            <Finding key={`p${at}`} path={path} text={message} />
          ))}
          {changes.map(({ path, what }, at) => (
            <Finding key={`c${at}`} path={path} text={what} />
          ))}
        </ul>
      </div>
    </div>
  );
}

function summary({ changes, problems }: Findings): string {
  const done = `${plural(changes.length, "change")} converted it to the current schema`;
  const kept = `${plural(problems.length, "part")} of this dashboard could not be read as written`;
  return changes.length === 0 ? `${kept}.` : `${kept}; ${done}.`;
}

function Finding({ path, text }: { path: string; text: string }) {
  return (
    <li>
      {path !== "" && <code>{path}</code>} {text}
    </li>
  );
}

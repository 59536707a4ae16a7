import { Anchor } from "@mantine/core";
import { IconArrowsDiff, IconBook, IconLayoutDashboard } from "@tabler/icons-react";
import { useState } from "react";
import { homePath } from "../api/root-path.ts";
import type { LabelSet } from "../format/series-name.ts";
import { nowMs } from "../time/browser-clock.ts";
import { alertLinks } from "./alert-links.ts";

const ICONS = { Dashboard: IconLayoutDashboard, Runbook: IconBook, "What changed?": IconArrowsDiff };

/**
 * Shows the links of an alert. Links to this host open in the same tab. Other links open in a new tab, which gets no
 * reference to this page.
 */
export function AlertLinks({
  annotations,
  labels,
  startMs,
}: {
  annotations: LabelSet;
  labels?: LabelSet;
  startMs: number | null;
}) {
  const [now] = useState(nowMs);
  return alertLinks(annotations, { homePath, labels, startMs, nowMs: now }).map(({ name, href, isHere }) => {
    const Icon = ICONS[name];
    return (
      <Anchor key={name} size="xs" href={href} {...(isHere ? {} : { target: "_blank", rel: "noreferrer" })}>
        <Icon size={12} aria-hidden /> {name}
      </Anchor>
    );
  });
}

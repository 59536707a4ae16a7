import { Anchor, Badge, Tooltip } from "@mantine/core";
import { IconBellOff, IconHelpCircle } from "@tabler/icons-react";
import { useState } from "react";
import type { ManagedAlert } from "../api/alertmanager.ts";
import { AcknowledgementActions } from "./AcknowledgementActions.tsx";
import { AcknowledgementBadge } from "./AcknowledgementNote.tsx";
import { ManagerLink } from "./manager-place.tsx";
import { SilenceButton } from "./SilenceButton.tsx";
import { silenceAlertLink } from "./silence-links.ts";
import { WhyModal } from "./WhyModal.tsx";

/** Badges of an alert: silenced, inhibited, muted, acknowledged. A click on "silenced" shows the silence. */
export function AlertBadges({ alert }: { alert: ManagedAlert }) {
  const { silencedBy, inhibitedBy, mutedBy = [] } = alert.status;
  return (
    <>
      {silencedBy.map((id) => (
        <ManagerLink key={id} to={`/silences/${encodeURIComponent(id)}`}>
          <Badge color="gray" variant="light" style={{ cursor: "pointer" }}>
            silenced
          </Badge>
        </ManagerLink>
      ))}
      {inhibitedBy.length > 0 && (
        <Badge color="gray" variant="light">
          inhibited
        </Badge>
      )}
      {mutedBy.length > 0 && (
        <Tooltip label={mutedBy.join(", ")}>
          <Badge color="gray" variant="light">
            muted
          </Badge>
        </Tooltip>
      )}
      <AcknowledgementBadge alert={alert} />
    </>
  );
}

/** Controls of an alert: they silence it, acknowledge it, and explain who was notified of it. */
export function AlertActions({ alert, isNarthex = true }: { alert: ManagedAlert; isNarthex?: boolean }) {
  const [isWhyShown, setWhyShown] = useState(false);
  return (
    <>
      {alert.status.silencedBy.length === 0 && (
        <SilenceButton size="compact-xs" to={silenceAlertLink(alert.labels)} icon={IconBellOff}>
          Silence
        </SilenceButton>
      )}
      {isNarthex && (
        <>
          <AcknowledgementActions alert={alert} />
          <Anchor size="xs" component="button" type="button" onClick={() => setWhyShown(true)}>
            <IconHelpCircle size={12} aria-hidden /> Why?
          </Anchor>
        </>
      )}
      {isWhyShown && (
        <WhyModal
          fingerprint={alert.fingerprint}
          title={alert.labels["alertname"] ?? "this alert"}
          onClose={() => setWhyShown(false)}
        />
      )}
    </>
  );
}

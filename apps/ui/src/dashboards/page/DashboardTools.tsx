import { ActionIcon, Tooltip } from "@mantine/core";
import { IconDeviceTv, IconShare } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";

/** The buttons of a dashboard that every user sees: share and kiosk mode. */
export function DashboardTools() {
  const [params] = useSearchParams();
  const withParameter = (name: string, value: string): string => {
    const next = new URLSearchParams(params);
    next.set(name, value);
    return `?${next}`;
  };
  return (
    <>
      <Tool label="Share" to={withParameter("shareView", "link")} icon={<IconShare size={16} />} />
      <Tool
        label="Kiosk mode (d k); Esc leaves it"
        to={withParameter("kiosk", "true")}
        icon={<IconDeviceTv size={16} />}
      />
    </>
  );
}

function Tool({ label, to, icon }: { label: string; to: string; icon: ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon component={Link} to={to} variant="default" size={30} aria-label={label.replace(/ \(.*/, "")}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

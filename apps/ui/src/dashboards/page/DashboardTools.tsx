import { ActionIcon, Tooltip } from "@mantine/core";
import { IconDeviceTv, IconLock, IconShare } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import type { DashboardMeta } from "../data/dashboard-api.ts";

/**
 * The buttons of a dashboard outside of the edit mode: share, kiosk mode, and permissions. Only users who may change
 * permissions see the last one.
 */
export function DashboardTools({ uid, meta: { canAdmin, slug = "" } }: { uid: string; meta: DashboardMeta }) {
  const [params] = useSearchParams();
  const withParameter = (name: string, value: string): string => {
    const next = new URLSearchParams(params);
    next.set(name, value);
    return `?${next}`;
  };
  return (
    <>
      {canAdmin === true && uid !== "" && (
        <Tool
          label="Permissions"
          to={`/d/${encodeURIComponent(uid)}/${encodeURIComponent(slug === "" ? "x" : slug)}/permissions`}
          icon={<IconLock size={16} />}
        />
      )}
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

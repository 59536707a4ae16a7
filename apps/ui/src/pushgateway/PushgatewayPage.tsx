import { Tabs, VisuallyHidden } from "@mantine/core";
import { useSessionStorage } from "@mantine/hooks";
import { IconBoxMultiple, IconInfoCircle } from "@tabler/icons-react";
import { GroupsTab } from "./GroupsTab.tsx";
import { StatusTab } from "./StatusTab.tsx";

export default function PushgatewayPage() {
  const [tab, setTab] = useSessionStorage<string>({
    key: "pushgateway.tab",
    defaultValue: location.pathname.endsWith("/status") ? "status" : "metrics",
    getInitialValueInEffect: false,
  });
  return (
    <Tabs value={tab} onChange={(next) => setTab(next ?? "metrics")} keepMounted={false}>
      <VisuallyHidden component="h1">Pushgateway</VisuallyHidden>
      <Tabs.List mb="md">
        <Tabs.Tab value="metrics" leftSection={<IconBoxMultiple size={16} aria-hidden />}>
          Metrics
        </Tabs.Tab>
        <Tabs.Tab value="status" leftSection={<IconInfoCircle size={16} aria-hidden />}>
          Status
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="metrics">
        <GroupsTab />
      </Tabs.Panel>
      <Tabs.Panel value="status">
        <StatusTab />
      </Tabs.Panel>
    </Tabs>
  );
}

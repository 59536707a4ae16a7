import "@mantine/notifications/styles.css";
import { Container, Tabs } from "@mantine/core";
import { useSessionStorage } from "@mantine/hooks";
import { Notifications } from "@mantine/notifications";
import { IconBoxMultiple, IconInfoCircle } from "@tabler/icons-react";
import { ColorSchemeButton } from "../shell/ColorSchemeButton.tsx";
import { Masthead } from "../shell/Masthead.tsx";
import { mount } from "../shell/Root.tsx";
import { GroupsTab } from "./GroupsTab.tsx";
import { StatusTab } from "./StatusTab.tsx";

function PushgatewayApp() {
  const [tab, setTab] = useSessionStorage<string>({
    key: "pushgateway.tab",
    defaultValue: location.pathname.endsWith("/status") ? "status" : "metrics",
    getInitialValueInEffect: false,
  });
  return (
    <>
      <Notifications position="top-right" />
      <Masthead role="Pushgateway" home="./" tools={<ColorSchemeButton />} />
      <Container component="main" id="content" tabIndex={-1} fluid className="page">
        <Tabs value={tab} onChange={(next) => setTab(next ?? "metrics")} keepMounted={false}>
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
      </Container>
    </>
  );
}

mount(<PushgatewayApp />);

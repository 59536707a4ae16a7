import { Text } from "@mantine/core";
import { useSearchParams } from "react-router";
import { keyInAddress } from "../panel/menu/panel-address.ts";
import DashboardPage from "./DashboardPage.tsx";

/** The page with a single panel of a dashboard, which another page can embed in a frame. */
export default function SoloPage() {
  const [params] = useSearchParams();
  const panel = params.get("panelId") ?? "";
  if (panel === "")
    return (
      <Text role="alert" c="dimmed" ta="center" mt="xl">
        The address contains no panel: add ?panelId= and the panel’s number.
      </Text>
    );
  return <DashboardPage solo={keyInAddress(panel)} />;
}

import { Card } from "../shell/Card.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { TimeSettings } from "../shell/TimeSettings.tsx";

export default function SettingsPage() {
  return (
    <>
      <PageHeader title="Settings" />
      <Card p="md" maw={460}>
        <TimeSettings />
      </Card>
    </>
  );
}

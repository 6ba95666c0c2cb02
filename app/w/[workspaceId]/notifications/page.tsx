import { BellRing } from "lucide-react";
import { AddChannel } from "@/components/notifications/add-channel";
import { ChannelRow } from "@/components/notifications/channel-row";
import { DeliveryList } from "@/components/notifications/delivery-list";
import { IncidentList } from "@/components/notifications/incident-list";
import { NamesSwitch } from "@/components/notifications/names-switch";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Empty } from "@/components/ui/empty";
import { PageHeader } from "@/components/ui/page-header";
import { getNotifications } from "@/lib/workspaces";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";
import { removeChannelAction, saveChannelAction, setNamesInMessagesAction, testChannelAction } from "./actions";

export const metadata = { title: "Notifications" };

export default async function NotificationsPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, may } = await pageContext(params);
  const { channels, deliveries, incidents, namesInMessages, canSendEmail } = await load(() => getNotifications(actor, workspace.id));
  const manage = may("channel.manage");
  const save = saveChannelAction.bind(null, workspace.id);
  const add = manage ? <AddChannel canSendEmail={canSendEmail} save={save} /> : null;
  return (
    <>
      {/* Always in the same place: it goes on to show the secret of a webhook when the first one fills the list. */}
      <PageHeader title="Notifications" actions={add}>Who is told when backups fail, stop, or never come.</PageHeader>
      <div className="space-y-6">
        {channels.length > 0 ? (
          <Card aria-labelledby="channels-title">
            <CardHeader id="channels-title" title="Channels" />
            <ul className="divide-y divide-line">
              {channels.map((channel) => (
                <ChannelRow
                  key={channel.id} channel={channel} last={deliveries.find((delivery) => delivery.channelId === channel.id && delivery.state !== "queued") ?? null}
                  manage={manage ? { canSendEmail, eventsUrl: `/api/w/${workspace.id}/notifications`, save, test: testChannelAction.bind(null, workspace.id, channel.id), remove: removeChannelAction.bind(null, workspace.id, channel.id) } : null}
                />
              ))}
            </ul>
          </Card>
        ) : (
          <Empty icon={BellRing} title="Nobody is told of anything">
            {manage ? "Alerts are on the overview, for those who look. Add a channel, so that a backup that never came finds you." : "Alerts are on the overview. An owner or admin can add e-mail, Teams or a webhook."}
          </Empty>
        )}
        {incidents.length > 0 ? <IncidentList incidents={incidents} /> : null}
        <Card aria-labelledby="names-title">
          <CardHeader id="names-title" title="What messages may say" />
          <CardBody><NamesSwitch allowed={namesInMessages} disabled={!manage} set={setNamesInMessagesAction.bind(null, workspace.id)} /></CardBody>
        </Card>
        {deliveries.length > 0 ? <DeliveryList deliveries={deliveries} names={new Map(channels.map((channel) => [channel.id, channel.name]))} /> : null}
      </div>
    </>
  );
}

/** Entry point of the WhatsApp notifier. */
import { createTwilioAccounts } from '../../shared/notify/twilio-account.secrets.ts';
import { createWhatsappChannel } from '../../shared/notify/whatsapp.twilio.ts';
import { openNotifier } from './notifier.lambda.ts';
import { whatsappConfig } from './whatsapp.config.ts';

const environment = whatsappConfig.parse(process.env);
const accounts = createTwilioAccounts({
  secretId: `${environment.SECRET_PREFIX}twilio`,
  simulatorUrl: environment.SIMULATOR_TWILIO_URL,
});

export const handler = openNotifier(environment, createWhatsappChannel(accounts));

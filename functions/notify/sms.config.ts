/** Environment of the SMS notifier: the same as WhatsApp's. */
import { whatsappConfig } from './whatsapp.config.ts';

export const smsConfig = whatsappConfig;

// The socket of iopub: a subscription holds from when we say so, which is right before its welcome. Left to zeromq it would hold as soon as it
// arrives, and what is published before we read of it would come before the welcome.
import { XPublisher } from 'zeromq'
import type { SocketOptions } from 'zeromq'

/** Options of libzmq (zmq_setsockopt(3)) that zeromq.js has no names for. */
const ZMQ_SUBSCRIBE = 6
const ZMQ_UNSUBSCRIBE = 7
const ZMQ_XPUB_MANUAL = 71

export class AdmittingPublisher extends XPublisher {
  constructor(options: SocketOptions<XPublisher>) {
    super(options)
    this.setBoolOption(ZMQ_XPUB_MANUAL, true)
  }

  /** Whoever asked in the message that was received last gets what is published on `topic` from now on. */
  admit(topic: Buffer): void {
    this.setStringOption(ZMQ_SUBSCRIBE, topic)
  }

  /** The opposite, also for the message received last. */
  dismiss(topic: Buffer): void {
    this.setStringOption(ZMQ_UNSUBSCRIBE, topic)
  }
}

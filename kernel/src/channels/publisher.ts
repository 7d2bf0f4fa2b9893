// The socket of iopub: a subscription holds when we say so, right before its welcome. zeromq would
// make it hold as soon as it arrives, and what is published before we read of it would come before
// the welcome.
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

  /** The sender of the message received last gets what is published on `topic` from now on. */
  admit(topic: Buffer): void {
    this.setStringOption(ZMQ_SUBSCRIBE, topic)
  }

  /** The opposite of `admit`, also for the message received last. */
  dismiss(topic: Buffer): void {
    this.setStringOption(ZMQ_UNSUBSCRIBE, topic)
  }
}

/// Events, in both groups that serve them.
let eventTypeDescriptions = """
  package io.k8s.api.core.v1
  Event object: Event is a report of an event somewhere in the cluster. Events have a limited retention time and triggers and messages may evolve with time.
    action string | What action was taken/failed regarding to the Regarding object.
    count int32 | The number of times this event has occurred.
    eventTime MicroTime | Time when this Event was first observed.
    firstTimestamp Time | The time at which the event was first recorded.
    involvedObject ObjectReference required | The object that this event is about.
    lastTimestamp Time | The time at which the most recent occurrence of this event was recorded.
    message string | A human-readable description of the status of this operation.
    reason string | This should be a short, machine understandable string that gives the reason for the transition into the object's current status.
    related *ObjectReference | Optional secondary object for more complex actions.
    reportingComponent string always | Name of the controller that emitted this Event, e.g. kubernetes.io/kubelet.
    reportingInstance string always | ID of the controller instance, e.g. kubelet-xyzf.
    series *EventSeries | Data about the Event series this event represents or nil if it's a singleton Event.
    source EventSource | The component reporting this event. Should be a short machine understandable string.
    type string | Type of this event (Normal, Warning), new types could be added in the future.
  EventSeries: EventSeries contain information on series of events, i.e. thing that was/is happening continuously for some time.
    count int32 | Number of occurrences in this series up to the last heartbeat time.
    lastObservedTime MicroTime | Time of the last occurrence observed.
  EventSource: EventSource contains information for an event.
    component string | Component from which the event is generated.
    host string | Node name on which the event is generated.
  package io.k8s.api.events.v1
  Event object: Event is a report of an event somewhere in the cluster. It generally denotes some state change in the system.
    action string | action is what action was taken/failed regarding to the regarding object. It is machine-readable.
    deprecatedCount int32 | deprecatedCount is the deprecated field assuring backward compatibility with core.v1 Event type.
    deprecatedFirstTimestamp Time | deprecatedFirstTimestamp is the deprecated field assuring backward compatibility with core.v1 Event type.
    deprecatedLastTimestamp Time | deprecatedLastTimestamp is the deprecated field assuring backward compatibility with core.v1 Event type.
    deprecatedSource EventSource | deprecatedSource is the deprecated field assuring backward compatibility with core.v1 Event type.
    eventTime MicroTime required | eventTime is the time when this Event was first observed. It is required.
    note string | note is a human-readable description of the status of this operation.
    reason string | reason is why the action was taken. It is human-readable.
    regarding ObjectReference | regarding contains the object this Event is about.
    related *ObjectReference | related is the optional secondary object for more complex actions.
    reportingController string | reportingController is the name of the controller that emitted this Event, e.g. kubernetes.io/kubelet.
    reportingInstance string | reportingInstance is the ID of the controller instance, e.g. kubelet-xyzf.
    series *EventSeries | series is data about the Event series this event represents or nil if it's a singleton Event.
    type string | type is the type of this event (Normal, Warning), new types could be added in the future.
  EventSeries: EventSeries contain information on series of events, i.e. thing that was/is happening continuously for some time.
    count int32 ! | count is the number of occurrences in this series up to the last heartbeat time.
    lastObservedTime MicroTime ! | lastObservedTime is the time when last Event from the series was seen before last heartbeat.
  """

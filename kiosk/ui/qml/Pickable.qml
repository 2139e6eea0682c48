// Something a person can choose: by hand, raised fingers, touch, mouse, keypad, Tab and Enter.
import QtQuick

Item {
    id: root

    required property string option
    property var digit: null
    property bool grave: false
    readonly property bool pickable: enabled
    readonly property bool aimed: bridge.target === option
    readonly property bool warm: aimed || hover.hovered || activeFocus

    activeFocusOnTab: enabled
    Keys.onReturnPressed: bridge.pick(option, "keypad")
    Keys.onEnterPressed: bridge.pick(option, "keypad")
    Keys.onSpacePressed: bridge.pick(option, "keypad")

    onXChanged: stage.moved()
    onYChanged: stage.moved()
    onWidthChanged: stage.moved()
    onHeightChanged: stage.moved()
    onEnabledChanged: stage.moved()
    onVisibleChanged: stage.moved()
    onOptionChanged: stage.moved()
    onDigitChanged: stage.moved()

    HoverHandler { id: hover; acceptedDevices: PointerDevice.Mouse }
    TapHandler { onTapped: bridge.pick(root.option, "touch") }
}

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

    // The stage is out of reach of what is being taken down.
    function moved() {
        stage?.moved()
    }

    activeFocusOnTab: enabled
    Keys.onReturnPressed: bridge.pick(option, "keypad")
    Keys.onEnterPressed: bridge.pick(option, "keypad")
    Keys.onSpacePressed: bridge.pick(option, "keypad")

    onXChanged: root.moved()
    onYChanged: root.moved()
    onWidthChanged: root.moved()
    onHeightChanged: root.moved()
    onEnabledChanged: root.moved()
    onVisibleChanged: root.moved()
    onOptionChanged: root.moved()
    onDigitChanged: root.moved()

    HoverHandler { id: hover; acceptedDevices: PointerDevice.Mouse }
    TapHandler { onTapped: bridge.pick(root.option, "touch") }
}

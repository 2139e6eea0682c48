// A button of the technician's: pressed by finger, mouse or Tab and Enter, never by a hand in the air.
import QtQuick

Rectangle {
    id: button

    required property string option
    required property string label

    radius: 20
    color: tap.pressed || activeFocus ? bridge.theme.warm : bridge.theme.card
    border.width: activeFocus ? 5 : 2
    border.color: bridge.theme.ink
    activeFocusOnTab: true
    Keys.onReturnPressed: bridge.technicianPress(option)
    Keys.onEnterPressed: bridge.technicianPress(option)

    Words {
        anchors { fill: parent; leftMargin: 12; rightMargin: 12 }
        text: button.label
        size: 30
        weight: Font.DemiBold
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        fontSizeMode: Text.HorizontalFit
        maximumLineCount: 1
    }
    TapHandler { id: tap; onTapped: bridge.technicianPress(button.option) }
}

// How to use the kiosk, picture by picture: stand here, raise your hand, point and hold still. One
// picture after the other moves and is lit, so that the eye is led; at rest all are whole.
import QtQuick

Sheet {
    id: lesson

    readonly property var steps: bridge.screen.lesson ?? []
    readonly property real cell: (width - 2 * 20) / Math.max(1, steps.length)
    property int lit: -1
    property real played: 1

    Repeater {
        model: lesson.steps
        Item {
            id: step
            required property var modelData
            required property int index
            readonly property bool lit: lesson.lit === index
            x: 20 + index * lesson.cell
            y: 20
            width: lesson.cell
            height: lesson.height - 40

            Rectangle {
                anchors.fill: parent
                anchors.margins: 4
                radius: 28
                color: step.lit ? bridge.theme.warm : bridge.theme.card
                border.width: step.lit ? 5 : 0
                border.color: bridge.theme.accent
            }
            LessonPicture {
                anchors.horizontalCenter: parent.horizontalCenter
                y: 18
                width: Math.min(height * 1.15, step.width - 32)
                height: step.height - caption.height - 44
                picture: step.modelData.picture
                played: step.lit ? lesson.played : 1
            }
            Words {
                id: caption
                x: 14
                y: step.height - height - 14
                width: step.width - 28
                height: Math.round(104 * stage.zoom)
                text: step.modelData.text
                size: 40
                least: 30
                weight: Font.DemiBold
                lineHeight: 0.95
                fontSizeMode: Text.Fit
                horizontalAlignment: Text.AlignHCenter
                verticalAlignment: Text.AlignVCenter
            }
        }
    }

    SequentialAnimation {
        running: bridge.theme.moves && lesson.visible && lesson.steps.length > 0
        loops: Animation.Infinite
        ScriptAction { script: lesson.lit = (lesson.lit + 1) % Math.max(1, lesson.steps.length) }
        NumberAnimation {
            target: lesson
            property: "played"
            from: 0
            to: 1
            duration: 1700
        }
        PauseAnimation { duration: 700 }
    }
}
